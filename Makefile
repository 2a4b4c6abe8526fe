# `make run` and `make test` do all of their own set-up. The steps are scripts, so that they work in
# a path with spaces, without a terminal, and by hand.

.DEFAULT_GOAL := help
.PHONY: help run test test-browsers test-faults test-abuse test-compose sim fuzz check sbom bench generate clean

help: ## Print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

run: ## Build both halves and run them: the frontend on 127.0.0.1:3000, the server on 127.0.0.1:8080
	@exec scripts/run

test: ## Everything: format, lints, types, unit, behaviour and browser tests
	@exec scripts/test

test-browsers: ## A day in Maru in Firefox, WebKit (the engine of Safari) and Chromium
	@exec scripts/test-browsers

test-compose: ## The containers for real: builds, starts, scales and kills them while a browser chats
	@exec scripts/test-compose

test-faults: ## A cluster breaks while 300 people talk: SEED=7 SECONDS=60 CLIENTS=300 ROOMS=20 RATE=200
	@exec scripts/test-faults $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--seconds $(SECONDS)) \
		$(if $(CLIENTS),--clients $(CLIENTS)) $(if $(ROOMS),--rooms $(ROOMS)) $(if $(RATE),--rate $(RATE))

test-abuse: ## One hostile address does its worst while fifty people talk, six minutes: SECONDS=300
	@exec scripts/test-abuse $(if $(SECONDS),--seconds $(SECONDS))

sim: ## A cluster in virtual time, from random seeds: SEEDS=2000 FROM=0; SEED=7 alone with its trace
	@$(if $(SEED),SEED=$(SEED)) $(if $(SEEDS),SEEDS=$(SEEDS)) $(if $(FROM),FROM=$(FROM)) exec scripts/sim

fuzz: ## What strangers' bytes reach first, by libFuzzer, a minute each: SECONDS=60 TARGET=frames
	@$(if $(SECONDS),SECONDS=$(SECONDS)) $(if $(TARGET),TARGET=$(TARGET)) $(if $(KEEP),KEEP=1) exec scripts/fuzz

check: ## The quick part: format, lints, types, unit tests
	@exec scripts/check

sbom: ## What Maru is made of, as CycloneDX, in target/sbom
	@exec scripts/sbom

bench: ## Maru beside a bare floor and other servers: writes docs/benchmarks.md, half an hour
	@exec scripts/bench

generate: ## Write anew what is generated from the code: TypeScript types, schemas, docs/settings.md
	@scripts/require cargo cc
	@MARU_GENERATE=1 cargo test --quiet --locked --workspace --all-features --test generated

clean: ## Remove what was built and installed here; `data/` stays
	@scripts/require cargo
	@cargo clean --quiet
	@rm -rf frontend/dist frontend/node_modules frontend/test-results loadtest/peers/node/node_modules
