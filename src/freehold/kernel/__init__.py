"""How every operation lives: declared once, then checked, tagged, authorized, run and audited."""
