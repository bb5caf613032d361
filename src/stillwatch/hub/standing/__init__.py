"""What is thought of an object: opinions, sightings, age, warning lists; beside the object, which stays as it is."""
