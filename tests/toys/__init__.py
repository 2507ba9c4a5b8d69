"""Two systems that the program does not know: a tracker (a board of cards) and a source (a shelf of pages).

Each is as small as its contract allows. Together they show what a new adapter touches: nothing but its own folder and
the registry's table.
"""
