# Everything a person or CI runs. Each target fetches what it needs; the cache is $BULKHEAD_CACHE, else ~/.cache/bulkhead.
SHELL := /bin/sh
NODE = PATH="$$(hack/node.sh)/bin:$$PATH"

.DEFAULT_GOAL := help
.PHONY: help up down vm-up vm-down build artifacts check test unit integration e2e vm vm-e2e-kata bench generate manifests payload-image format clean

help: ## list the targets
	@awk -F ":.*## " "/^[a-z0-9 -]+:.*## / { printf \"make %-24s %s\\n\", \$$1, \$$2 }" $(MAKEFILE_LIST)

up: node_modules ## a 3-node cluster with the operator (NODE_IMAGE=auto|build|<reference>, CLUSTER, WORKERS)
	@$(NODE) node hack/up.ts

down: node_modules ## take the cluster away again, and Docker if we started it
	@$(NODE) node hack/down.ts

vm-up: node_modules ## a cluster whose nodes are emulated VMs with KVM of their own (VMS=1, CLUSTER)
	@$(NODE) node hack/vm-up.ts

vm-down: node_modules ## end the node VMs and their control plane
	@$(NODE) node hack/vm-down.ts

build: node_modules ## build single artifacts into the cache: make build A='kind etcd'
	@$(NODE) node hack/build.ts $(A)

artifacts: node_modules ## build every artifact into the cache
	@$(NODE) node hack/build.ts

check: node_modules ## types, lint, format, layers, generated files, unit tests
	@$(NODE) node hack/check.ts

test: node_modules ## every check and every test
	@$(NODE) node hack/test.ts

unit integration e2e vm: node_modules ## one kind of test
	@$(NODE) npx vitest run --project $@

vm-e2e-kata: node_modules ## a real Kata on a node VM, from archives given by hand (KATA_ARCHIVES=a.tar.zst,b.tar.zst)
	@test -n "$(KATA_ARCHIVES)" || { echo "Cannot try Kata: KATA_ARCHIVES names no archive. See docs/real-kata.md." >&2; exit 2; }
	@$(NODE) npx vitest run --project vm-kata --bail 1

bench: node_modules ## how long an activation stops the engine, and an install with an archive of real size takes (ROUNDS)
	@$(NODE) node test/bench/activation.ts
	@$(NODE) node test/bench/staging.ts

generate: node_modules ## write the generated files
	@$(NODE) npm run --silent generate

manifests: node_modules ## dist/install.yaml for images in a registry (OPERATOR, INSTALLER: references; PAYLOADS: repository)
	@$(NODE) npm run --silent manifests -- --operator '$(OPERATOR)' --installer '$(INSTALLER)' --payloads '$(PAYLOADS)'

payload-image: node_modules ## an image of a runtime's payload from upstream's archives (FAMILY, VERSION, HANDLERS or SPEC; SOURCES, ARCH, NAME, OUT)
	@$(NODE) node hack/payload-image.ts $(if $(FAMILY),--family '$(FAMILY)') $(if $(VERSION),--version '$(VERSION)') \
	  $(if $(HANDLERS),--handlers '$(HANDLERS)') $(if $(SPEC),--spec '$(SPEC)') $(foreach source,$(SOURCES),--source '$(source)') \
	  $(if $(ARCH),--arch '$(ARCH)') $(if $(NAME),--name '$(NAME)') $(if $(DATA_ONLY),--data-only) --out '$(OUT)'

format: node_modules ## format all sources
	@$(NODE) npm run --silent format

clean: ## forget everything built and fetched (make down first)
	@rm -rf node_modules "$${BULKHEAD_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/bulkhead}"

node_modules: package-lock.json
	@$(NODE) npm ci --silent
	@touch node_modules
