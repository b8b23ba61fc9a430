DELETE FROM "stored_urls";--> statement-breakpoint
ALTER TABLE "stored_urls" ADD COLUMN "to_platform_id" text NOT NULL;