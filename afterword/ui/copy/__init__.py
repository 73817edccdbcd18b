"""Every text of the pages: plain words, one voice, ready to be translated.

A sentence stands in the module of the page that shows it: `overview`, `classify`, `drift` (with
`drift_past_checks` for checks that are kept and `drift_reports` for Evidently's reports), `review`,
`monitoring`; in `shared` if more than one page shows it, or the frame around all of them. A page's
parts import their own module as `copy`, and the others as `shared_copy`, `reports_copy` and so on.
"""
