CREATE TABLE "webhook_deliveries" (
	"number" bigserial PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"webhook_id" text NOT NULL,
	"kind" text NOT NULL,
	"lane" text NOT NULL,
	"event_number" bigint,
	"happened_at" bigint NOT NULL,
	"body" text NOT NULL,
	"state" text DEFAULT 'waits' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"due_at" bigint DEFAULT 0 NOT NULL,
	"last_at" bigint,
	"ms" integer DEFAULT 0 NOT NULL,
	"http_status" integer,
	"failure" text,
	"answer" text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"url" text NOT NULL,
	"kinds" json NOT NULL,
	"platform_id" text,
	"sealed_secret" text NOT NULL,
	"older_sealed_secret" text,
	"older_secret_ends_at" bigint,
	"created_at" bigint NOT NULL,
	"created_by" text NOT NULL,
	"is_on" boolean DEFAULT true NOT NULL,
	"why_off" text,
	"last_event" bigint NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"failing_since" bigint,
	"rests_until" bigint DEFAULT 0 NOT NULL,
	"taken_by" text,
	"taken_until" bigint DEFAULT 0 NOT NULL,
	"delivered" bigint DEFAULT 0 NOT NULL,
	"given_up" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_webhooks_id_fk" FOREIGN KEY ("webhook_id") REFERENCES "public"."webhooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_newest" ON "webhook_deliveries" USING btree ("webhook_id","number");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_waiting" ON "webhook_deliveries" USING btree ("webhook_id","lane","number") WHERE "webhook_deliveries"."state" = 'waits';--> statement-breakpoint
CREATE UNIQUE INDEX "webhooks_name" ON "webhooks" USING btree (lower("name"));