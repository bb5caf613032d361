"""The store of cases: tables, migrations, and the questions that are asked of them."""
