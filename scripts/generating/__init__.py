"""What generated/ is made with: templates for the generator, and modules that are the same for every document."""
