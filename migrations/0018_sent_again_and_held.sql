ALTER TABLE "push_log" ADD COLUMN "only_to" text;--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "is_held" boolean DEFAULT false NOT NULL;