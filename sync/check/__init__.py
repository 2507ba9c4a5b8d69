"""Before publishing: is each item specific, owned and dated, and the wording blameless."""
