"""What every client of a web server here needs: when to ask again, how much at once, and what went wrong."""
