"""The rules: one short module each, whose docstring is the rule's documentation."""
