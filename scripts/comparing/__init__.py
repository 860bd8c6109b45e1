"""What a change from one document to another means for clients."""
