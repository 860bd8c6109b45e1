"""Picture files as bytes and strings: their formats, the descriptions inside them, their names."""
