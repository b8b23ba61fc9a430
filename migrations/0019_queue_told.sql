CREATE TABLE "queue_told" (
	"platform_id" text PRIMARY KEY NOT NULL,
	"pause_cause" text,
	"is_lagging" boolean NOT NULL,
	"failed" bigint NOT NULL,
	"missed" bigint NOT NULL,
	"missed_at" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "queue_told" ADD CONSTRAINT "queue_told_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;