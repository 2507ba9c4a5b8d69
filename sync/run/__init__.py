"""One run over many postmortems: poll, select, plan, carry out, conclude."""
