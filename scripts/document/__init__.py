"""An OpenAPI document: bytes over HTTP, to a checked document and back; its references."""
