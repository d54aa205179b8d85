"""Many migrations on Prefect 3: which tenants there are, and how their commands run, are limited, approved and told."""
