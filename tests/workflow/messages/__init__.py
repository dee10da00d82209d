"""The words of mails, and the mailbox."""
