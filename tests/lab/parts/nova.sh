# Nova's code, without a daemon: nova-lock and nova-download run it.

PACKAGES[nova]="python3-nova"
