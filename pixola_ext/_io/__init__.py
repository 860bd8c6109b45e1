"""The code that touches the world: sockets, files, threads, clocks. The decisions in `_flows` are carried out here."""
