"""The dossier: a case as a document for counsel, observation kept apart from inference."""
