"""TAXII 2.1 as a client sees it: media types, filters, resources, errors, end points."""
