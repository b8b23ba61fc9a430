CREATE TABLE "get_all_plans" (
	"key" text PRIMARY KEY NOT NULL,
	"id" text NOT NULL,
	"sources" json NOT NULL,
	"expires_at" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "object_owners" (
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"party" text NOT NULL,
	"at" bigint NOT NULL,
	CONSTRAINT "object_owners_kind_key_party_pk" PRIMARY KEY("kind","key","party")
);
--> statement-breakpoint
CREATE INDEX "get_all_plans_expires_at" ON "get_all_plans" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "object_owners_at" ON "object_owners" USING btree ("at");