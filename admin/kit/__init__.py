"""What the console's pages share: words, addresses, filters, paging, spreadsheets, charts. Knows no page."""
