"""The gateway: decides on each request, in grades and reversibly, from a signed snapshot of evidence and policy."""
