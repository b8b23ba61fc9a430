ALTER TABLE "push_cursor" ADD COLUMN "withheld" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "push_log" ADD COLUMN "version" text;