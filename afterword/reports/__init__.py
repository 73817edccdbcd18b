"""What leaves the screen: Evidently's reports, its workspace, and a check as one page."""
