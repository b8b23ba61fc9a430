ALTER TABLE "push_counter" ADD COLUMN "shadow_since" bigint;--> statement-breakpoint
UPDATE "push_counter" SET "shadow_since" = (SELECT min("number") FROM "shadow");