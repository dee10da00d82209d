"""The recruiters' console: Piccolo Admin for the tables at /admin/, our own pages at /console/, one login for both.

May import `workflow` and `web.kit`; no other surface. The packages of pages do not know each other: what several
need stands in `kit`, and `app` puts them together.
"""
