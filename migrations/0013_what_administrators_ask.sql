CREATE TABLE "event_counter" (
	"only_row" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"last" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "events" (
	"number" bigint PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"kind" text NOT NULL,
	"platform_id" text,
	"correlation_id" text,
	"data" json NOT NULL
);
--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "detail" text;--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "changes" text;--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "led_id" text;--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "object_key" text;--> statement-breakpoint
ALTER TABLE "message_log" ADD COLUMN "client" text;--> statement-breakpoint
CREATE INDEX "events_at" ON "events" USING btree ("at");--> statement-breakpoint
CREATE INDEX "events_platform" ON "events" USING btree ("platform_id","number");--> statement-breakpoint
CREATE INDEX "events_kind" ON "events" USING btree ("kind","number");--> statement-breakpoint
INSERT INTO "event_counter" ("last") VALUES (0);
