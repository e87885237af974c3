"""What lstmlint claims of the values in a program, held against what they are when it runs."""
