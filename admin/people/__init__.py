"""Who works here and where: the team and its units, kept by administrators."""
