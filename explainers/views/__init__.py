"""Everything that talks to Streamlit: the router, the shared controls, the caches, and what pages are built from."""
