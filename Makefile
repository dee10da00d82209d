# Everything that one does with this checkout. The work is done by the small scripts in bin/.
.DEFAULT_GOAL := help
.PHONY: help run test check lock messages docs bench bench-full soak clean

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run:  ## Run the portal with its demo set-up (VIVIER_PORT=8001 for another port)
	@exec bin/run

test:  ## Run all tests (ARGS='tests/web -k cli' for some)
	@bin/test $(ARGS)

check:  ## Lint, format, types, import contracts, generated documents
	@bin/check

lock:  ## Bring requirements*.lock to the newest versions that pyproject.toml allows
	@bin/lock

messages:  ## Gather what people read into the catalogues; what is new waits there for a translation
	@bin/environment dev
	@.venv/bin/python -m workflow.language.extraction

docs:  ## Write anew what is generated of docs/: settings.md, machines/
	@bin/docs

bench:  ## Measure Vivier beside its peers: a table, and var/bench.json (minutes)
	@bin/bench

bench-full:  ## The same with larger numbers
	@bin/bench --full

soak:  ## Prove the engine at length: random histories, many processes, crashes (half an hour)
	@bin/soak $(ARGS)

clean:  ## Remove the environment and what tools left behind; var/ stays
	@rm -rf .venv .venv-bench *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
