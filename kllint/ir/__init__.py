"""The intermediate representation: programs as plain data, and the values that they compute."""
