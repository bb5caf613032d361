"""From a request to an answer: routes, rights, form tokens, headers, templates."""
