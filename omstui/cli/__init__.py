"""The command line (командная строка): the second front end over the same operations."""
