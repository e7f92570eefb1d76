"""What helps an author: pure functions over the text of a script, for every door."""
