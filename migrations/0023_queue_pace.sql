ALTER TABLE "push_cursor" ADD COLUMN "pace_since" bigint;--> statement-breakpoint
ALTER TABLE "push_cursor" ADD COLUMN "pace_from" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "push_cursor" ADD COLUMN "pace_before" integer DEFAULT 0 NOT NULL;