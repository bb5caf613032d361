"""Who may see and do what: users, passwords, passkeys, single sign-on, login records."""
