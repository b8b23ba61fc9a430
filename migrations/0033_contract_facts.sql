ALTER TABLE "object_owners" ADD COLUMN "uid" text;--> statement-breakpoint
ALTER TABLE "object_owners" ADD COLUMN "type" text;