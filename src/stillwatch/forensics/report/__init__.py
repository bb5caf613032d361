"""The report: an examination as one page that a reader without statistics understands, doubts included."""
