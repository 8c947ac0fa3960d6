"""What a browser may ask of the page: small typed values in, nothing that it could abuse."""
