"""The request budget of a key: the arithmetic of its limits, and the database that processes share."""
