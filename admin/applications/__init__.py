"""Applications as recruiters work with them: the board, the list, an application's page and its moves."""
