CREATE TABLE "pending_roles" (
	"number" bigserial NOT NULL,
	"platform_id" text NOT NULL,
	"party_key" text NOT NULL,
	"role" text NOT NULL,
	"country_code" text NOT NULL,
	"party_id" text NOT NULL,
	"business_details" json,
	"why" text NOT NULL,
	"since" bigint NOT NULL,
	CONSTRAINT "pending_roles_platform_id_party_key_role_pk" PRIMARY KEY("platform_id","party_key","role")
);
--> statement-breakpoint
ALTER TABLE "departed_roles" ADD COLUMN "free_at" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "object_owners" ADD COLUMN "since" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "object_owners" SET "since" = "at";--> statement-breakpoint
ALTER TABLE "party_roles" ADD COLUMN "given_up_at" bigint;--> statement-breakpoint
ALTER TABLE "platforms" ADD COLUMN "most_roles" integer;--> statement-breakpoint
ALTER TABLE "pending_roles" ADD CONSTRAINT "pending_roles_platform_id_platforms_id_fk" FOREIGN KEY ("platform_id") REFERENCES "public"."platforms"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "pending_roles_number" ON "pending_roles" USING btree ("number");