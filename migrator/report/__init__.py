"""Reports for people: a plan or a run as one HTML file, and the crosswalk of old and new ids, from plain values."""
