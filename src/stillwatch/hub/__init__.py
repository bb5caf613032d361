"""The hub: a neutral body that keeps what members share, shows each member what it may see, and tells what reached whom."""
