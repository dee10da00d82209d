"""What recruiters say among themselves of an application: notes and ratings; and the paragraphs that they reuse."""
