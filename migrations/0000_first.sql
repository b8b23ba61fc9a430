CREATE TABLE "credentials_tokens" (
	"digest" text PRIMARY KEY NOT NULL,
	"platform_id" text NOT NULL,
	"kind" text NOT NULL,
	"created_at" bigint NOT NULL,
	"expires_at" bigint
);
--> statement-breakpoint
CREATE TABLE "hub_state" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "message_log" (
	"segment" integer DEFAULT 1 NOT NULL,
	"id" bigserial NOT NULL,
	"at" bigint NOT NULL,
	"kind" text NOT NULL,
	"correlation_id" text NOT NULL,
	"request_id" text NOT NULL,
	"forwarded_request_id" text,
	"from_platform_id" text,
	"to_platform_id" text,
	"from_party" text,
	"to_party" text,
	"module" text NOT NULL,
	"interface_role" text,
	"method" text NOT NULL,
	"path" text NOT NULL,
	"forwarded_url" text,
	"http_status" integer NOT NULL,
	"ocpi_status" integer,
	"duration_ms" real NOT NULL,
	"receiver_ms" real,
	"request_bytes" bigint NOT NULL,
	"response_bytes" bigint NOT NULL,
	"failure" text,
	"request_headers" text NOT NULL,
	"response_headers" text NOT NULL,
	"request_body" "bytea",
	"response_body" "bytea"
) PARTITION BY LIST ("segment");
--> statement-breakpoint
-- Rows stay in their page up to its size: moving 2 KB bodies out would cost more than it saves.
CREATE TABLE "message_log_1" PARTITION OF "message_log" FOR VALUES IN (1) WITH (toast_tuple_target = 8160);
--> statement-breakpoint
CREATE TABLE "message_log_segments" (
	"segment" integer PRIMARY KEY NOT NULL,
	"opened_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "parties" (
	"key" text PRIMARY KEY NOT NULL,
	"country_code" text NOT NULL,
	"party_id" text NOT NULL,
	"platform_id" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "party_roles" (
	"party_key" text NOT NULL,
	"role" text NOT NULL,
	"state" text NOT NULL,
	"business_details" json,
	"status" text NOT NULL,
	"last_updated" bigint NOT NULL,
	CONSTRAINT "party_roles_party_key_role_pk" PRIMARY KEY("party_key","role")
);
--> statement-breakpoint
CREATE TABLE "platform_seen" (
	"platform_id" text PRIMARY KEY NOT NULL,
	"last_seen_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "platforms" (
	"id" text PRIMARY KEY NOT NULL,
	"number" bigserial NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"status_cause" text NOT NULL,
	"status_since" bigint NOT NULL,
	"is_held_suspended" boolean DEFAULT false NOT NULL,
	"version" text,
	"versions_url" text,
	"sealed_token" text,
	"endpoints" jsonb NOT NULL,
	"delivery" jsonb NOT NULL,
	"token_encoding" text NOT NULL,
	"is_strict_about_tokens" boolean NOT NULL,
	"created_at" bigint NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "removed_platforms" (
	"id" text PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "routing_revision" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"revision" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stored_urls" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"url" text NOT NULL,
	"module" text NOT NULL,
	"interface_role" text NOT NULL,
	"for_party" text NOT NULL,
	"to_party" text NOT NULL,
	"expires_at" bigint
);
--> statement-breakpoint
ALTER TABLE "credentials_tokens" ADD CONSTRAINT "credentials_tokens_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "parties" ADD CONSTRAINT "parties_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "party_roles" ADD CONSTRAINT "party_roles_party_key_parties_key_fk" FOREIGN KEY ("party_key") REFERENCES "public"."parties"("key") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "platform_seen" ADD CONSTRAINT "platform_seen_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "credentials_tokens_platform" ON "credentials_tokens" USING btree ("platform_id");--> statement-breakpoint
CREATE INDEX "message_log_at" ON "message_log" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "message_log_correlation_id" ON "message_log" USING btree ("correlation_id");--> statement-breakpoint
CREATE INDEX "parties_platform" ON "parties" USING btree ("platform_id");--> statement-breakpoint
CREATE INDEX "platforms_revision" ON "platforms" USING btree ("revision");--> statement-breakpoint
CREATE INDEX "platforms_number" ON "platforms" USING btree ("number");--> statement-breakpoint
CREATE INDEX "removed_platforms_revision" ON "removed_platforms" USING btree ("revision");--> statement-breakpoint
CREATE INDEX "stored_urls_expires_at" ON "stored_urls" USING btree ("expires_at");--> statement-breakpoint
INSERT INTO "routing_revision" ("revision") VALUES (0);--> statement-breakpoint
INSERT INTO "message_log_segments" ("segment", "opened_at") VALUES (1, (extract(epoch from now()) * 1000)::bigint);
