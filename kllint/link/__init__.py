"""From programs to values: names across files, calls, and what each function returns and where it sends it."""
