"""What this package keeps between runs: where, in which files, and for which processes."""
