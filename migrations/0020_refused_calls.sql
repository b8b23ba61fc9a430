CREATE TABLE "handshake_attempts" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"platform_id" text,
	"address" text,
	"led_by" text NOT NULL,
	"started_by" text NOT NULL,
	"started_at" bigint NOT NULL,
	"last_at" bigint NOT NULL,
	"calls" jsonb NOT NULL,
	"outcome" text,
	"why" text,
	"told" jsonb,
	CONSTRAINT "handshake_attempts_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "refused_calls" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"address" text NOT NULL,
	"method" text NOT NULL,
	"path" text NOT NULL,
	"user_agent" text,
	"http_status" integer NOT NULL,
	"ocpi_status" integer NOT NULL,
	"why" text NOT NULL,
	"told" jsonb NOT NULL,
	"platform_id" text,
	"fingerprint" text
);
--> statement-breakpoint
CREATE TABLE "retired_tokens" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"digest" text NOT NULL,
	"platform_id" text NOT NULL,
	"end" text NOT NULL,
	"ended_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "credentials_tokens" ADD COLUMN "prefix" text;--> statement-breakpoint
ALTER TABLE "credentials_tokens" ADD COLUMN "fingerprint" text;--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "their_mark" text;--> statement-breakpoint
ALTER TABLE "retired_tokens" ADD CONSTRAINT "retired_tokens_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "handshake_attempts_platform" ON "handshake_attempts" USING btree ("platform_id","number");--> statement-breakpoint
CREATE INDEX "handshake_attempts_address" ON "handshake_attempts" USING btree ("address","number");--> statement-breakpoint
CREATE INDEX "refused_calls_platform" ON "refused_calls" USING btree ("platform_id","number");--> statement-breakpoint
CREATE INDEX "retired_tokens_digest" ON "retired_tokens" USING btree ("digest");--> statement-breakpoint
CREATE INDEX "retired_tokens_platform" ON "retired_tokens" USING btree ("platform_id","number");--> statement-breakpoint
CREATE INDEX "retired_tokens_ended_at" ON "retired_tokens" USING btree ("ended_at");--> statement-breakpoint
CREATE INDEX "credentials_tokens_prefix" ON "credentials_tokens" USING btree ("prefix");--> statement-breakpoint
CREATE INDEX "platforms_their_mark" ON "platforms" USING btree ("their_mark");