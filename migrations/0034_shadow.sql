CREATE TABLE "shadow" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"chain_key" text NOT NULL,
	"path_key" text NOT NULL,
	"owner" text NOT NULL,
	"at" bigint NOT NULL,
	"method" text NOT NULL,
	"version" text NOT NULL,
	"body" "bytea" NOT NULL,
	"bytes" integer NOT NULL,
	"shown" boolean NOT NULL
);
--> statement-breakpoint
CREATE INDEX "shadow_chain" ON "shadow" USING btree ("chain_key","number","id");--> statement-breakpoint
CREATE INDEX "shadow_owner" ON "shadow" USING btree ("owner");